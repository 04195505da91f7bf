/**
 * Makes an element. Text is always text: nothing that comes from a member or the network is read as markup.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Readonly<Record<string, string>>} [attributes]
 * @param {...(Node | string)} children
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/**
 * Finds an element that the page's HTML has.
 *
 * @template {Element} Kind
 * @param {string} id
 * @param {abstract new () => Kind} kind such as `HTMLDialogElement`
 * @throws where the page has none, or one of another kind
 */
export function byIdAs(id, kind) {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has no ${kind.name} #${id}`);
  return found;
}

/**
 * Finds an HTML element of any kind.
 *
 * @param {string} id
 */
export const byId = (id) => byIdAs(id, HTMLElement);
