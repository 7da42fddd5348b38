import { expect, it } from 'vitest'
import { findHiding, showInvisible, visibleName } from '../../protocol/visible-text.ts'

it.each([
  ['full-width letters', 'Ｃｌａｕｄｅ', 'Claude'],
  ['a ligature', 'ﬁle server', 'file server'],
  ['a decomposed accent', 'Cafe\u0301', 'Café'],
  ['spaces of other widths', ' A\u00a0\u3000 B ', 'A B'],
  ['an emoji with a variation selector', 'Tools ⚙\ufe0f', 'Tools ⚙'],
  ['a name in Hebrew', 'שלום', 'שלום'],
  ['64 emoji', '🙂'.repeat(64), '🙂'.repeat(64)],
])('visibleName returns the one spelling of %s', (_, text, name) => {
  expect(visibleName(text)).toEqual({ name })
  expect(visibleName(name)).toEqual({ name })
})

it.each([
  ['a zero width space', 'Cla\u200bude', 'has the invisible character U+200B ZERO WIDTH SPACE'],
  ['a soft hyphen', 'Cla\u00adude', 'has the invisible character U+00AD SOFT HYPHEN'],
  ['a byte order mark', '\ufeffClaude', 'has the invisible character U+FEFF ZERO WIDTH NO-BREAK SPACE'],
  ['a tag character', 'Claude\u{e0041}', 'has the invisible character U+E0041 TAG A'],
  ['a joiner', 'Cla\u200dude', 'has the invisible character U+200D ZERO WIDTH JOINER'],
  ['a Hangul filler', 'Claude\u3164', 'has the invisible character U+1160 HANGUL JUNGSEONG FILLER'],
  ['a Braille blank', 'Claude\u2800', 'has the invisible character U+2800 BRAILLE PATTERN BLANK'],
  ['a direction override', 'Cla\u202eude', 'has the invisible character U+202E RIGHT-TO-LEFT OVERRIDE'],
  ['a line feed', 'Cla\nude', 'has the invisible character U+000A CONTROL LF'],
  ['half a surrogate pair', 'Cla\ud83dude', 'has the invisible character U+D83D LONE SURROGATE'],
  ['spaces only', ' \u3000 ', 'is empty'],
  ['65 characters', 'x'.repeat(65), 'is longer than 64 characters'],
  ['a character that NFKC makes 18', '\ufdfa'.repeat(4), 'is longer than 64 characters'],
  ['letters under a heap of marks', `z${'\u0321'.repeat(9)}`, 'has more than four marks on one letter'],
])('visibleName refuses %s', (_, text, problem) => expect(visibleName(text)).toEqual({ problem }))

it.each([
  ['Hebrew with a right-to-left mark', 'מחזיר C++\u200f בלבד'],
  ['Arabic with a letter mark', 'يعيد 10\u061c-20'],
  ['Persian with a non-joiner', 'می\u200cخواهم'],
  ['Hindi with a joiner', 'क्\u200dष'],
  ['Thai with a zero width space', 'ภาษา\u200bไทย'],
  ['a family', 'for 👨\u200d👩\u200d👧 and ❤\ufe0f\u200d🔥'],
  ['an astronaut with a skin tone', '🧑🏽\u200d🚀'],
  ['a keycap', 'step 1\ufe0f\u20e3'],
  ['the flag of Scotland', '🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f} weather'],
  ['a Japanese name with a variation sequence', '葛\u{e0100}城'],
  ['Mongolian with a vowel separator', 'ᠠᠨ\u180eᠠ'],
  ['old Hangul with a filler', '\u115f\u1161'],
  ['a line of Braille', '⠓\u2800⠊'],
  ['an isolated name', 'Hello \u2068אבי\u2069, write to \u2068Ann\u2069\u2068Bob\u2069'],
  ['an embedded word in Hebrew', 'קרא \u202aREADME\u202c עכשיו'],
  ['lines and tabs', 'a\r\n\tb\n\nc\u2028d'],
  ['no invisible character', 'Adds two numbers.'],
])('findHiding returns nothing for %s', (_, text) => expect(findHiding(text)).toBeUndefined())

it.each([
  ['a zero width space between Latin letters', 'del\u200bete', 4, 'U+200B ZERO WIDTH SPACE'],
  ['a non-joiner between Latin letters', 'a\u200cb', 2, 'U+200C ZERO WIDTH NON-JOINER'],
  ['two non-joiners in Persian', 'می\u200c\u200cخ', 4, 'U+200C ZERO WIDTH NON-JOINER'],
  ['a direction mark without right-to-left letters', 'safe\u200f', 5, 'U+200F RIGHT-TO-LEFT MARK'],
  ['a run of direction marks', 'שלום\u200f\u200e\u200f', 6, 'U+200E LEFT-TO-RIGHT MARK'],
  ['a direction override', 'שלום \u202eabc\u202c', 6, 'U+202E RIGHT-TO-LEFT OVERRIDE'],
  ['an isolate that is not closed', 'a\u2066b\nc', 2, 'U+2066 LEFT-TO-RIGHT ISOLATE'],
  ['a closed isolate that was not opened', 'a\u2069', 2, 'U+2069 POP DIRECTIONAL ISOLATE'],
  ['an empty isolate', 'a\u2068\u2069', 3, 'U+2069 POP DIRECTIONAL ISOLATE'],
  ['isolates nested four deep', '\u2068a\u2068b\u2068c\u2068d\u2069\u2069\u2069\u2069', 7, 'U+2068 FIRST STRONG ISOLATE'],
  ['a soft hyphen', 'ig\u00adnore', 3, 'U+00AD SOFT HYPHEN'],
  ['a byte order mark', '\ufeffAdds', 1, 'U+FEFF ZERO WIDTH NO-BREAK SPACE'],
  ['tags after a flag', '🏴\u{e0068}\u{e0069}', 2, 'U+E0068 TAG h'],
  ['tags after the tags of a flag', '🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}\u{e0041}', 8, 'U+E0041 TAG A'],
  ['a run of variation selectors', '🙂\ufe0f\ufe01\ufe02', 3, 'U+FE01 VARIATION SELECTOR-2'],
  ['variation selectors that carry bytes', '🙂\u{e0134}', 2, 'U+E0134 VARIATION SELECTOR-69'],
  ['a variation selector after a letter', 'a\ufe0f', 2, 'U+FE0F VARIATION SELECTOR-16'],
  ['an invisible operator', 'a\u2063b', 2, 'U+2063 INVISIBLE SEPARATOR'],
  ['a Hangul filler', 'a\u3164', 2, 'U+3164 HANGUL FILLER'],
  ['an escape character', 'a\u001b[31m', 2, 'U+001B CONTROL ESC'],
  ['half a surrogate pair', 'a\udc00', 2, 'U+DC00 LONE SURROGATE'],
  ['a position after an emoji', '🙂a\u00ad', 3, 'U+00AD SOFT HYPHEN'],
])('findHiding names %s', (_, text, position, character) => expect(findHiding(text)).toEqual({ character, position }))

it('showInvisible escapes every invisible character except line feed and tab', () => {
  expect(showInvisible('a\u0000\u200b\u{e0041}\n\tb\u202e')).toBe('a\\u0000\\u200b\\u{e0041}\n\tb\\u202e')
})
