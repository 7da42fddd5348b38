import { useEffect, useRef } from 'react'
import UPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { ActivitySummaryBody } from '../../../../protocol/api.ts'
import { useTheme } from '../../components/theme.ts'

const HEIGHT = 150

/**
 * Bar chart of calls, with failed calls in red. Hidden from screen readers, because a text has the
 * numbers.
 */
export default function CallsChart({ summary }: { summary: ActivitySummaryBody }) {
  const place = useRef<HTMLDivElement>(null)
  const theme = useTheme()
  useEffect(() => {
    const element = place.current
    if (!element) return undefined
    const dark = matchMedia('(prefers-color-scheme: dark)')
    let chart: UPlot | undefined
    const draw = () => {
      chart?.destroy()
      chart = new UPlot(optionsFor(element, summary), dataOf(summary), element)
    }
    draw()
    const resized = new ResizeObserver(() => chart?.setSize({ width: element.clientWidth, height: HEIGHT }))
    resized.observe(element)
    dark.addEventListener('change', draw)
    return () => {
      dark.removeEventListener('change', draw)
      resized.disconnect()
      chart?.destroy()
    }
  }, [summary, theme])
  // absolute, because the width of the canvas would keep the page wide when the window shrinks
  return (
    <div aria-hidden className="relative h-[150px]">
      <div ref={place} className="absolute inset-0 overflow-hidden" />
    </div>
  )
}

function dataOf({ from, to, stepMs, buckets }: ActivitySummaryBody): UPlot.AlignedData {
  const steps = Math.round((to - from) / stepMs)
  const at = Array.from({ length: steps }, (_, step) => (from + (step + 0.5) * stepMs) / 1000)
  const calls = Array.from({ length: steps }, () => 0)
  const failed = [...calls]
  for (const bucket of buckets) {
    const step = (bucket.at - from) / stepMs
    calls[step] = bucket.calls
    failed[step] = bucket.failed
  }
  return [at, calls, failed]
}

function optionsFor(element: HTMLElement, { from, to }: ActivitySummaryBody): UPlot.Options {
  const bars = UPlot.paths.bars?.({ size: [0.8, 24], radius: 0.15 })
  const [accent, bad, soft, line] = ['--accent', '--bad', '--soft', '--line'].map((name) => colour(element, name))
  const axis = {
    stroke: soft,
    grid: { stroke: line, width: 1 },
    ticks: { show: false },
    font: `12px ${getComputedStyle(element).fontFamily}`,
  }
  const series = (label: string, fill: string | undefined) => ({
    label,
    fill,
    stroke: fill,
    width: 0,
    paths: bars,
    points: { show: false },
  })
  return {
    width: element.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    padding: [8, 24, 0, 0],
    scales: { x: { range: [from / 1000, to / 1000] }, y: { range: (_, _min, max) => [0, Math.max(4, max)] } },
    axes: [
      { ...axis, grid: { show: false }, size: 30, values: (_, ticks, _axis, _space, step) => ticks.map((at) => timeLabel(at, step)) },
      { ...axis, size: 40, space: 36, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] },
    ],
    series: [{}, series('Calls', accent), series('Failed', bad)],
  }
}

const hour = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
const day = new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric' })

/** Label of a tick: the time, or the date at midnight and on daily ticks. */
function timeLabel(at: number, step: number): string {
  const date = new Date(at * 1000)
  const isDay = step >= 86_400 || (date.getHours() === 0 && date.getMinutes() === 0)
  return (isDay ? day : hour).format(date)
}

/**
 * Resolves a custom property to a color, because a canvas supports neither custom properties nor
 * light-dark().
 */
function colour(element: HTMLElement, name: string): string {
  const probe = element.appendChild(document.createElement('span'))
  probe.style.color = `var(${name})`
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}
