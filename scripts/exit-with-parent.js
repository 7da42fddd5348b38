// Preloaded into wrangler by scripts/supervisor.ts: when the process that started it is gone, however it went, the whole group (workerd included) goes too.
if (process.connected) {
  process.once('disconnect', () => process.kill(0, 'SIGKILL'))
  process.channel?.unref()
}
