import type { IdentityProviderBody } from '../../../../protocol/api.ts'
import { Button } from '../../components/button.tsx'
import { CopyLine } from '../../components/copy.tsx'
import { Dialog, DialogActions } from '../../components/dialog.tsx'

/** The two addresses that make sign-in work: one to register at the provider, one to give to members. */
export function SignInDialog({ provider, onClose }: { provider: IdentityProviderBody | undefined; onClose: () => void }) {
  const signIn = provider?.signIn
  return (
    <Dialog open={signIn != null} onOpenChange={onClose} title={`Sign-in through ${provider?.name ?? ''}`}>
      {signIn && (
        <div className="mt-3 grid gap-4">
          <div className="grid gap-1">
            <p>The redirect URI, to register at the provider for this client:</p>
            <CopyLine text={signIn.redirectUri} what="the redirect URI" />
          </div>
          <div className="grid gap-1">
            <p>Where members sign in with it:</p>
            <CopyLine text={signIn.url} what="the sign-in address" />
          </div>
        </div>
      )}
      <DialogActions>
        <Button onClick={onClose}>Done</Button>
      </DialogActions>
    </Dialog>
  )
}
