import type { ActivitySummaryBody } from '../../../../protocol/api.ts'

const HEIGHT = 32
/** Width of a bar, as a part of its step. */
const FILLED = 0.7

/** Small bars of calls over time, with failed calls in red. A text beside them has the numbers. */
export function Sparkline({ summary: { from, to, stepMs, buckets } }: { summary: ActivitySummaryBody }) {
  const steps = Math.max(1, Math.round((to - from) / stepMs))
  const most = Math.max(1, ...buckets.map(({ calls }) => calls))
  return (
    <svg aria-hidden viewBox={`0 0 ${steps} ${HEIGHT}`} preserveAspectRatio="none" className="block h-8 w-full">
      <rect x="0" y={HEIGHT - 1} width={steps} height="1" className="fill-line" />
      {buckets.map(({ at, calls, failed }) => {
        const x = (at - from) / stepMs + (1 - FILLED) / 2
        const heightOf = (amount: number) => (amount === 0 ? 0 : Math.max(2, (amount / most) * HEIGHT))
        return (
          <g key={at}>
            <rect x={x} y={HEIGHT - heightOf(calls)} width={FILLED} height={heightOf(calls)} className="fill-accent" />
            <rect x={x} y={HEIGHT - heightOf(failed)} width={FILLED} height={heightOf(failed)} className="fill-bad" />
          </g>
        )
      })}
    </svg>
  )
}
