/**
 * Linter plugin for the house rules of English: openings of doc comments, width of comments, and
 * phrases readers stumble over. CONTRIBUTING.md, "Language", has the rules with their reasons.
 */

const MAX_COLUMNS = 100

/** Question words, prepositions and negations. A doc comment opens with its subject or verb. */
const OPENING =
  /^(What|Who|Whom|Whose|Which|Where|Of|The same|None|Nobody|Nothing|How|Whether|Why|When|By|With|From|In|At|For|As|Behind|Beside|Between|Below|Undefined where)\b/

/** @type {[pattern: RegExp, advice: string][]} */
const PHRASES = [
  [/\bany ?more\b/i, 'say "no longer", or name the state'],
  [/\banew\b/i, 'say "again"'],
  [/\b(let|lets|letting) in\b/i, 'say "admit" or "allow"'],
  [/\btold\b/i, 'say "notified", "reported" or "shown"'],
  [/\b(come|comes|came) to\b/i, 'name the result'],
  [/\bshut out\b/i, 'say "no longer admitted" or "refused"'],
  [/\b(take|takes|taken|took) up\b/i, 'say "resume" or "use"'],
  [/\b(go|goes|going|went) along\b/i, 'say "is sent with"'],
  [/\bas things are\b/i, 'say "now" or leave the phrase out'],
  [/\b(is|are|was) over(?=[.,;:)]|$)/i, 'say "has ended" or "has expired"'],
  [/\bis said once\b/i, 'say "stands in one place"'],
  [/\bwhom\b/i, 'name the person or program'],
  [/\b(is|are|was|were) (none|nobody)\b/i, 'say "there is no …"'],
]

const docOpening = {
  create(context) {
    return {
      Program() {
        for (const comment of context.sourceCode.getAllComments()) {
          if (comment.type !== 'Block' || !comment.value.startsWith('*')) continue
          const text = comment.value
            .replace(/^\*?\s*/, '')
            .replace(/^\s*\*/gm, ' ')
            .trim()
          const opening = OPENING.exec(text)?.[1]
          if (opening) {
            const message = `Open with a noun or a verb in place of "${opening}": "Returns …", "Closes …", "Lifetime of …".`
            context.report({ loc: comment.loc, message })
          }
        }
      },
    }
  },
}

const commentWidth = {
  create(context) {
    return {
      Program() {
        for (const { value, loc } of context.sourceCode.getAllComments()) {
          if (/https?:\/\/\S{60}/.test(value)) continue // an address cannot be broken
          for (let line = loc.start.line; line <= loc.end.line; line += 1) {
            const text = context.sourceCode.lines[line - 1] ?? ''
            const width = line === loc.end.line ? loc.end.column : text.length
            if (width > MAX_COLUMNS) {
              const at = { line, column: MAX_COLUMNS }
              const message = `Comment reaches column ${width}; the limit is ${MAX_COLUMNS}. Break the line, or put the comment above the code.`
              context.report({ loc: { start: at, end: { line, column: width } }, message })
            }
          }
        }
      },
    }
  },
}

const plainPhrases = {
  create(context) {
    const check = (text, loc) => {
      for (const [pattern, advice] of PHRASES) {
        const found = pattern.exec(text)?.[0]
        if (found) context.report({ loc, message: `"${found}" needs a second reading: ${advice}.` })
      }
    }
    // a single word in quotes is a value of the program, and a sentence has spaces
    const checkSentence = (text, loc) => {
      if (typeof text === 'string' && text.trim().includes(' ')) check(text, loc)
    }
    return {
      Program() {
        for (const { value, loc } of context.sourceCode.getAllComments()) check(value.replace(/\s*\n\s*\*?\s*/g, ' '), loc)
      },
      Literal: ({ value, loc }) => checkSentence(value, loc),
      TemplateElement: ({ value, loc }) => checkSentence(value.cooked, loc),
      JSXText: ({ value, loc }) => checkSentence(value, loc),
    }
  },
}

export default {
  meta: { name: 'language' },
  rules: { 'doc-opening': docOpening, 'comment-width': commentWidth, 'plain-phrases': plainPhrases },
}
