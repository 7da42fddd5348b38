// Preloaded into wrangler and Vite. Kills the process group, including workerd, after the parent
// process has ended for any reason.
if (process.connected) {
  process.once('disconnect', () => process.kill(0, 'SIGKILL'))
  process.channel?.unref()
}
