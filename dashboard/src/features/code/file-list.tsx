import { EllipsisVertical, FileCode2, Pencil, Play, Plus, Trash2 } from 'lucide-react'
import { Button, IconButton } from '../../components/button.tsx'
import { Select } from '../../components/field.tsx'
import { Menu, MenuItem } from '../../components/menu.tsx'

export interface FileActions {
  onOpen: (file: string) => void
  onAdd: () => void
  onRename: (file: string) => void
  onRemove: (file: string) => void
  onMain: (file: string) => void
}

interface FileListProps extends FileActions {
  files: readonly string[]
  open: string
  main: string
  /** Number of errors per file. */
  errors: Readonly<Record<string, number>>
}

/** Files of the project: a side list, or a select above the editor on narrow screens. */
export function FileList(props: FileListProps) {
  const { files, open, main, errors, onOpen, onAdd } = props
  return (
    <nav aria-label="Files" className="min-w-0">
      <div className="flex gap-2 p-2 md:hidden">
        <Select
          aria-label="File"
          value={open}
          onChange={onOpen}
          options={files.map((value) => ({
            value,
            label: `${value}${value === main ? ' (main)' : ''}${errors[value] ? `, ${errors[value]} errors` : ''}`,
          }))}
        />
        <FileMenu {...props} file={open} />
        <IconButton icon={Plus} label="Add file" onClick={onAdd} />
      </div>
      <div className="hidden p-2 md:block">
        <ul className="grid gap-0.5">
          {files.map((file) => (
            <li key={file} className="flex items-center">
              <button
                type="button"
                aria-current={file === open}
                onClick={() => onOpen(file)}
                className="flex min-h-10 min-w-0 flex-1 items-center gap-2 rounded-lg px-2 py-1 text-left hover:bg-ground aria-current:bg-accent-ground aria-current:font-semibold aria-current:text-accent"
              >
                <FileCode2 aria-hidden className="size-4 shrink-0" />
                <span className="min-w-0 flex-1 [overflow-wrap:anywhere]">
                  {file}
                  {file === main && <span className="block text-sm font-normal text-soft">Main module</span>}
                </span>
                {(errors[file] ?? 0) > 0 && (
                  <span className="rounded-full bg-bad-ground px-2 text-sm font-semibold text-bad">
                    {errors[file]}
                    <span className="sr-only"> errors</span>
                  </span>
                )}
              </button>
              <FileMenu {...props} file={file} />
            </li>
          ))}
        </ul>
        <Button kind="quiet" icon={Plus} onClick={onAdd} className="mt-1 w-full justify-start! px-2!">
          Add file
        </Button>
      </div>
    </nav>
  )
}

function FileMenu({ file, files, main, onRename, onRemove, onMain }: FileListProps & { file: string }) {
  return (
    <Menu align="end" trigger={<IconButton icon={EllipsisVertical} label={`Actions for ${file}`} />}>
      <MenuItem icon={Pencil} onSelect={() => onRename(file)}>
        Rename
      </MenuItem>
      <MenuItem icon={Play} disabled={file === main || !/\.[cm]?[jt]sx?$/.test(file)} onSelect={() => onMain(file)}>
        Set as main module
      </MenuItem>
      <MenuItem icon={Trash2} danger disabled={files.length === 1} onSelect={() => onRemove(file)}>
        Delete
      </MenuItem>
    </Menu>
  )
}
