import { EllipsisVertical, FileDiff, Play, Undo2 } from 'lucide-react'
import type { VersionSummaryBody } from '../../../../protocol/api.ts'
import { IconButton } from '../../components/button.tsx'
import { Menu, MenuItem } from '../../components/menu.tsx'

interface VersionMenuProps {
  version: VersionSummaryBody
  active: number | null
  mayDeploy: boolean
  onActivate: () => void
  onCompare: (from: number) => void
}

export function VersionMenu({ version: { number, state, active: isActive }, active, mayDeploy, onActivate, onCompare }: VersionMenuProps) {
  const isRollback = active !== null && number < active
  return (
    <Menu align="end" trigger={<IconButton icon={EllipsisVertical} label={`Actions for version ${number}`} />}>
      <MenuItem icon={isRollback ? Undo2 : Play} disabled={!mayDeploy || isActive || state === 'refused'} onSelect={onActivate}>
        {isRollback ? 'Roll back to this version' : 'Activate'}
      </MenuItem>
      <MenuItem icon={FileDiff} disabled={active === null || isActive} onSelect={() => active !== null && onCompare(active)}>
        Compare with active version
      </MenuItem>
    </Menu>
  )
}
