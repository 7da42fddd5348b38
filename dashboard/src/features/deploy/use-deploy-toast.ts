import { useNavigate } from '@tanstack/react-router'
import { toast } from '../../components/toast.tsx'
import { OUTCOME_ID } from './deploy-outcome.tsx'
import type { DeployState } from './deploy-state.ts'
import { outcomeOf } from './outcome.ts'

/**
 * Returns a function that announces the end of a deploy. The toast leads to the result on the page,
 * or to the version if the user has opened another page meanwhile.
 */
export function useDeployToast(tenant: string): (server: string, state: DeployState) => void {
  const navigate = useNavigate()
  return (server, state) => {
    const outcome = outcomeOf(state)
    if (!outcome) return
    const number = state.version?.number
    toast(`${server}: ${outcome.brief}`, outcome.tone, {
      label: 'Show result',
      onPress: () => {
        const place = document.getElementById(OUTCOME_ID)
        if (place) {
          showPanelOf(place)
          // the panel is visible after the next frame
          requestAnimationFrame(() => {
            place.scrollIntoView({ block: 'center' })
            place.focus({ preventScroll: true })
          })
        } else if (number === undefined) void navigate({ to: '/t/$tenant/s/$server/versions', params: { tenant, server } })
        else void navigate({ to: '/t/$tenant/s/$server/versions/$number', params: { tenant, server, number: String(number) } })
      },
    })
  }
}

/** Selects the tab of a hidden panel around the element. The focus selects a tab. */
function showPanelOf(place: HTMLElement): void {
  const tab = place.closest('[role=tabpanel][hidden]')?.getAttribute('aria-labelledby')
  if (tab) document.getElementById(tab)?.focus()
}
