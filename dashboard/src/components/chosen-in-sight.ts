import { type RefObject, useLayoutEffect, useRef } from 'react'

/** Keeps the selected entry of a scrolling list visible. */
export function useChosenInSight<T extends HTMLElement>(chosen: string | undefined): RefObject<T | null> {
  const scroller = useRef<T>(null)
  useLayoutEffect(() => {
    const { current } = scroller
    const entry = current?.querySelector('[aria-selected=true], [aria-current=page]')
    if (!current || !entry) return
    const [within, { left, right, top, bottom }] = [current.getBoundingClientRect(), entry.getBoundingClientRect()]
    current.scrollLeft += Math.max(0, right - within.right) - Math.max(0, within.left - left)
    current.scrollTop += Math.max(0, bottom - within.bottom) - Math.max(0, within.top - top)
  }, [chosen])
  return scroller
}
