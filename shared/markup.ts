/** Text as it may stand in HTML, XML and SVG: between tags, and in an attribute in double quotes. */
export function escapeMarkup(text: string): string {
  return text.replace(/[&"<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
