// A page by keyboard alone. Whatever the mouse can use is reached with Tab, or with the keys of the widget that it belongs to; whatever has
// the focus is in view and looks different; a dialog keeps the focus and gives it back.
import { eventually, expect } from './browser.mjs'

/** What stands inside of these is reached by keys of their own, as soon as Tab has come to them. Scenarios try those keys out. */
const widgets = [
  '[role="grid"]', // arrow keys, Enter: keyboard.mjs
  '[role="log"]', // arrow keys, Enter: keyboard.mjs
  '.mantine-MultiSelect-root, .mantine-TagsInput-root', // arrow keys, Enter, Backspace removes the last: keyboard.mjs
  '.mantine-NumberInput-root', // arrow keys, as in every field for numbers
  '[role="radiogroup"]', // arrow keys, as in every group of radio buttons
]

/** Runs in the page: notes what can be used, and what gets the focus. */
function watch(widgets) {
  const usable = 'a[href],button,input,select,textarea,summary,[contenteditable="true"],[role="button"],[role="switch"],[role="tab"],[role="menuitem"]'
  const seen = (e) => e.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && e.getBoundingClientRect().width > 1
  const enabled = (e) => !e.disabled && e.getAttribute('aria-disabled') !== 'true' && !e.closest('fieldset:disabled,[inert]')
  const name = (e) => `${e.tagName.toLowerCase()} “${(e.getAttribute('aria-label') || e.labels?.[0]?.textContent || e.textContent || e.id || e.className || '').trim().slice(0, 60)}”`
  const look = (e) => {
    const s = getComputedStyle(e)
    return [s.outlineStyle === 'none' ? '' : s.outlineStyle + s.outlineWidth + s.outlineColor, s.borderColor, s.boxShadow, s.backgroundColor].join('|')
  }
  // What is labelled or drawn around a field may show the focus in its stead.
  const looks = (e) => [e, e.nextElementSibling, e.parentElement, e.parentElement?.parentElement, e.closest('.editor'), e.closest('.mantine-Input-wrapper')?.querySelector('.mantine-Input-input')].filter(Boolean).map(look).join('/')
  const scope = document.querySelector('[role="dialog"]') ?? document
  // What the mouse shows a hand for is usable too, whatever it is made of.
  const handed = [...scope.querySelectorAll('*')].filter((e) => getComputedStyle(e).cursor === 'pointer' && getComputedStyle(e.parentElement ?? e).cursor !== 'pointer')
  const all = new Set([...scope.querySelectorAll(usable), ...handed])
  const state = { controls: [...all].filter((e) => seen(e) && enabled(e) && !(e.matches('label') && e.control) && !e.closest('.mantine-CloseButton-root[tabindex="-1"]')), looks: new Map(), reached: new Set(), bad: [], wrapped: false }
  for (const e of document.querySelectorAll('*')) e.style?.setProperty('transition', 'none', 'important')
  for (const e of state.controls) if (e !== document.activeElement) state.looks.set(e, looks(e))
  const check = (e) => {
    // A date has several parts, and the focus as long as Tab goes through them.
    state.wrapped ||= state.first !== undefined && e === state.first && state.last !== e
    state.first ??= e
    state.last = e
    state.reached.add(e)
    if (e === document.body || e.id === 'page' || e.matches('[data-autofocus-none]')) return
    const r = e.getBoundingClientRect()
    // A switch's or a radio button's own field lies behind what is drawn.
    const x = r.left + r.width / 2
    const y = r.top + Math.min(r.height / 2, 60)
    const inView = r.bottom > 0 && r.top < innerHeight && r.right > 0 && r.left < innerWidth
    const top = inView ? document.elementFromPoint(Math.min(Math.max(x, 0), innerWidth - 1), Math.min(Math.max(y, 0), innerHeight - 1)) : null
    const near = top && (e.contains(top) || top.contains(e) || e.closest('label,.mantine-Switch-root,.mantine-Checkbox-root,.mantine-Radio-root,.mantine-Input-wrapper')?.contains(top))
    if (!near) state.bad.push(`${name(e)} has the focus out of sight${top ? `, behind ${name(top)}` : ''}`)
    const before = state.looks.get(e)
    if (before !== undefined && before === looks(e)) state.bad.push(`${name(e)} looks the same with the focus`)
  }
  // When the key comes up again the focus has moved, and what has it was scrolled into view.
  const up = () => document.activeElement && check(document.activeElement)
  document.addEventListener('keyup', up, true)
  const within = (e) => {
    for (const w of widgets) {
      const box = e.closest(w)
      if (box && [...state.reached].some((r) => box === r || box.contains(r))) return true
    }
    return false
  }
  window.tabbing = {
    count: state.controls.length,
    around: () => state.wrapped || document.activeElement === document.body,
    end: () => {
      document.removeEventListener('keyup', up, true)
      const reached = (e) => state.reached.has(e) || (e.id && state.reached.has(document.querySelector(`label[for="${CSS.escape(e.id)}"]`)?.control)) || [...state.reached].some((r) => r !== document.body && (e.contains(r) || (r.contains(e) && r.matches(usable)))) || within(e)
      const missed = state.controls.filter((e) => e.isConnected && seen(e) && enabled(e) && !reached(e)).map((e) => `Tab does not come to ${name(e)}`)
      return { problems: [...new Set([...state.bad, ...missed])], reached: state.reached.size, controls: state.controls.length }
    },
  }
}

/** Walks through the page with Tab, from its beginning. */
export async function tabbable(page, name) {
  await page.evaluate(() => {
    document.activeElement?.blur?.()
    scrollTo(0, 0)
  })
  await page.evaluate(watch, widgets)
  const most = (await page.evaluate(() => window.tabbing.count)) + 40
  for (let i = 0; i < most; i++) {
    await page.keyboard.press('Tab')
    if (i % 8 === 7 && (await page.evaluate(() => window.tabbing.around()))) break
  }
  const { problems, reached, controls } = await page.evaluate(() => window.tabbing.end())
  expect(controls > 0 && reached > 0, `${name}: Tab came to ${reached} of ${controls} controls`)
  for (const p of problems) expect(false, `${name}, by keyboard: ${p}`)
}

/** Opens each dialog of the page with Enter: the focus is inside, stays there, and comes back when Escape closes it. */
export async function dialogs(page, name) {
  const openers = page.locator('#page [aria-haspopup="dialog"]:not([disabled])')
  const done = new Set()
  for (let i = 0; i < (await openers.count()); i++) {
    const opener = openers.nth(i)
    const kind = (await opener.innerText()).trim() || (await opener.getAttribute('aria-label')).replace(/ of .*/, '')
    if (done.has(kind)) continue
    done.add(kind)
    await opener.focus()
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog')
    await dialog.waitFor()
    await page.waitForFunction(() => document.querySelector('[role="dialog"]')?.contains(document.activeElement))
    await page.evaluate(watch, widgets)
    const most = (await page.evaluate(() => window.tabbing.count)) + 8
    for (let n = 0; n < most; n++) await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.querySelector('[role="dialog"]').contains(document.activeElement)), `${name}: Tab leaves the dialog of “${kind}”`)
    const { problems } = await page.evaluate(() => window.tabbing.end())
    for (const p of problems) expect(false, `${name}, the dialog of “${kind}”, by keyboard: ${p}`)
    // The first Escape closes a list that is open in the dialog.
    for (let n = 0; n < 2; n++) {
      await page.keyboard.press('Escape')
      await dialog.waitFor({ state: 'detached', timeout: n === 0 ? 500 : 15_000 }).catch((e) => expect(n === 0, `${name}: Escape does not close the dialog of “${kind}”: ${e.message}`))
      if (!(await dialog.isVisible())) break
    }
    await eventually(() => opener.evaluate((e) => e === document.activeElement), `${name}: the focus does not come back from the dialog of “${kind}”`)
  }
}
