import * as z from 'zod';

/** As far as this a name is a slip of the pen, in single letters put in, left out or changed. */
const SLIPS_MAX = 3;

/** One step into a JSON Schema: the members of it that are read here. */
interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly additionalProperties?: Node | boolean;
  readonly anyOf?: readonly Node[];
  readonly oneOf?: readonly Node[];
  readonly allOf?: readonly Node[];
}

/**
 * The field that somebody meant who wrote an unknown one: the nearest name at the same place, or else the place where a
 * field of this very name belongs.
 *
 * @param path where the unknown field stands, without its name; numbers are places in a list
 * @returns the name, with its full path where it belongs elsewhere; `null` where nothing is near
 */
export function nearestField(
  schema: z.ZodType,
  path: readonly PropertyKey[],
  unknown: string,
): string | null {
  const root = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Node;
  const here = nodesAt(root, path).flatMap((node) => Object.keys(node.properties ?? {}));
  return nearest(here, unknown) ?? placeOf(root, unknown, '');
}

/** Every alternative that a value at this path may be of. */
function nodesAt(root: Node, path: readonly PropertyKey[]): readonly Node[] {
  let nodes = alternatives(root);
  for (const step of path) {
    nodes = nodes.flatMap((node) => {
      if (typeof step === 'number') return node.items === undefined ? [] : alternatives(node.items);
      const { additionalProperties: others } = node;
      const next = node.properties?.[String(step)] ?? (typeof others === 'object' ? others : undefined);
      return next === undefined ? [] : alternatives(next);
    });
  }
  return nodes;
}

function alternatives(node: Node): readonly Node[] {
  const inner = [...(node.anyOf ?? []), ...(node.oneOf ?? []), ...(node.allOf ?? [])];
  return [node, ...inner.flatMap(alternatives)];
}

function nearest(names: readonly string[], unknown: string): string | null {
  const most = Math.min(SLIPS_MAX, Math.floor(unknown.length / 2));
  const ranked = names
    .map((name) => ({ name, slips: slipsBetween(name.toLowerCase(), unknown.toLowerCase()) }))
    .filter(({ slips }) => slips <= most)
    .sort((a, b) => a.slips - b.slips);
  return ranked[0]?.name ?? null;
}

/** `port` at the top belongs to `http.port`. The first place in the order of the schema. */
function placeOf(node: Node, name: string, prefix: string): string | null {
  for (const alternative of alternatives(node)) {
    for (const [field, inner] of Object.entries(alternative.properties ?? {})) {
      if (field === name) return `${prefix}${field}`;
      const found = placeOf(inner, name, `${prefix}${field}.`);
      if (found !== null) return found;
    }
    const found =
      alternative.items === undefined
        ? null
        : placeOf(alternative.items, name, `${prefix.replace(/\.$/, '')}[].`);
    if (found !== null) return found;
  }
  return null;
}

/** Levenshtein's distance: letters put in, left out or changed. */
function slipsBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of Array.from(a).entries()) {
    const next = [i + 1];
    for (const [j, other] of Array.from(b).entries()) {
      const changed = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(changed, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
