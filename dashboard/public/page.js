// Copy buttons of the pages rendered by the Worker. The pages are complete without this script.
for (const button of document.querySelectorAll('button[data-copy]')) {
  const state = button.querySelector('.state')
  const source = document.getElementById(button.dataset.copy)
  if (!state || !source) continue
  button.hidden = false
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(source.textContent.trim())
      state.textContent = 'Copied'
    } catch {
      getSelection()?.selectAllChildren(source)
      state.textContent = 'Press Ctrl+C'
    }
    setTimeout(() => (state.textContent = 'Copy'), 2000)
  })
}
