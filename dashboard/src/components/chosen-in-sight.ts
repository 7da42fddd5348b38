import { type RefObject, useLayoutEffect, useRef } from 'react'

/** For a strip that scrolls sideways: pushes it along until the entry that is chosen is in sight, whenever that is another. */
export function useChosenInSight<T extends HTMLElement>(chosen: string): RefObject<T | null> {
  const strip = useRef<T>(null)
  useLayoutEffect(() => {
    const { current } = strip
    const entry = current?.querySelector('[aria-selected=true], [aria-current=page]')
    if (!current || !entry) return
    const [within, { left, right }] = [current.getBoundingClientRect(), entry.getBoundingClientRect()]
    current.scrollLeft += Math.max(0, right - within.right) - Math.max(0, within.left - left)
  }, [chosen])
  return strip
}
