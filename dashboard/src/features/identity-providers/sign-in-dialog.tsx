import type { IdentityProviderBody } from '../../../../protocol/api.ts'
import { Button } from '../../components/button.tsx'
import { CopyLine } from '../../components/copy.tsx'
import { Dialog, DialogActions } from '../../components/dialog.tsx'

/** URLs for sign-in: the redirect URI for the provider, and the sign-in page for members. */
export function SignInDialog({ provider, onClose }: { provider: IdentityProviderBody | undefined; onClose: () => void }) {
  const signIn = provider?.signIn
  return (
    <Dialog open={signIn != null} onOpenChange={onClose} title={`Sign-in through ${provider?.name ?? ''}`}>
      {signIn && (
        <div className="mt-3 grid gap-4">
          <div className="grid gap-1">
            <p>Redirect URI to register at the provider:</p>
            <CopyLine text={signIn.redirectUri} what="the redirect URI" />
          </div>
          <div className="grid gap-1">
            <p>Sign-in page for members:</p>
            <CopyLine text={signIn.url} what="the sign-in URL" />
          </div>
        </div>
      )}
      <DialogActions>
        <Button onClick={onClose}>Done</Button>
      </DialogActions>
    </Dialog>
  )
}
