import { clientLines, type ClientLine } from '../../protocol/client-lines.ts'
import { copyButton } from './copy-button.ts'
import { html, type Html } from './page.ts'

/** Tabs with a text to copy for each client. Radio buttons, so they work without a script. */
export function clientTabs(target: Parameters<typeof clientLines>[0]): Html {
  const lines = clientLines(target)
  const groups = [...new Set(lines.map(({ group }) => group))]
  return html`<fieldset class="tabs">
    <legend class="unseen">Client</legend>
    ${groups.map(
      (group) =>
        html`<p class="group" id="group-${groups.indexOf(group)}">${group}</p>
          ${lines.filter((line) => line.group === group).map((line) => tab(line, line === lines[0]))}`,
    )}
  </fieldset>`
}

function tab({ client, where, line, links = [] }: ClientLine, isFirst: boolean): Html {
  const id = client.toLowerCase().replaceAll(/[^a-z]+/g, '-')
  return html`<input type="radio" name="client" id="client-${id}" ${isFirst ? 'checked' : ''} /><label for="client-${id}">${client}</label>
    <div class="panel">
      ${
        links.length === 0
          ? ''
          : html`<p class="links">
              ${links.map(({ label, href }, index) => html`<a class="button small ${index === 0 ? '' : 'secondary'}" href="${href}">${label}</a>`)}
            </p>`
      }
      <p class="label">${where}</p>
      <div class="copyable">
        <pre id="line-${id}">${line}</pre>
        ${copyButton(`line-${id}`, `the text for ${client}`)}
      </div>
    </div>`
}
