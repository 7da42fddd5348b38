// Preloaded into the leader of every process group that a script starts. Kills the whole group,
// including workerd and esbuild, after the parent process or the leader has ended for any reason.
import { spawn } from 'node:child_process'

// a Node process that the leader starts inherits the preload and the variable
if (process.connected && !process.env['WHARF_GROUP_LEADER']) {
  process.env['WHARF_GROUP_LEADER'] = String(process.pid)
  const parent = process.ppid
  // wrangler disconnects by itself before it ends, so a disconnect alone proves nothing
  process.once('disconnect', () => {
    const check = () => process.ppid !== parent && process.kill(0, 'SIGKILL')
    check()
    setInterval(check, 20).unref()
  })
  process.channel?.unref()
  // the shell is no Node process, so it survives the end of all of them; it reads the end of its
  // input when the leader ends, and waits for the leader's exit code
  const script = `read _; while kill -0 ${process.pid} 2>/dev/null; do sleep 1; done; kill -KILL 0`
  const watchdog = spawn('sh', ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'] })
  watchdog.on('error', () => {}) // a system without sh loses only this second guard
  watchdog.unref()
  watchdog.stdin.unref()
}
