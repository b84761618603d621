import { XMLParser, XMLValidator } from 'fast-xml-parser';

export type XmlElement = { readonly name: string; readonly text: string; readonly children: readonly XmlElement[] };

/**
 * Reads a small XML document as S3 clients send them: elements, text, character references. Attributes and namespaces
 * are skipped; a document that defines entities is refused, so that nothing can be expanded.
 *
 * @returns the root element, or `null` when the document is not well-formed.
 */
export function parseXml(source: string): XmlElement | null {
  try {
    // The parser alone takes documents that are not well-formed. The validator's successor is a package of its own.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    if (XMLValidator.validate(source) !== true) return null;
    const roots = elementsOf(parser.parse(source) as readonly ParsedNode[]);
    return roots.length === 1 ? (roots[0] ?? null) : null;
  } catch {
    return null;
  }
}

/** What the parser gives with `preserveOrder`: a text, or an element's children under its name. */
type ParsedNode = { readonly '#text': string } | Readonly<Record<string, readonly ParsedNode[]>>;

const parser = new XMLParser({
  preserveOrder: true,
  removeNSPrefix: true,
  ignoreDeclaration: true,
  ignorePiTags: true,
  parseTagValue: false,
  trimValues: false,
  // The library's decoder drops references to characters that XML 1.0 does not have; keys of S3 have such characters.
  entityDecoder: {
    setXmlVersion: () => undefined,
    reset: () => undefined,
    decode: decodeReferences,
    addInputEntities(): never {
      throw new Error('The document defines entities.');
    },
    setExternalEntities: () => undefined,
  },
});

function elementsOf(nodes: readonly ParsedNode[]): XmlElement[] {
  return nodes.flatMap((node) =>
    Object.entries(node as Readonly<Record<string, string | readonly ParsedNode[]>>).flatMap(([name, children]) =>
      typeof children === 'string' ? [] : [{ name, text: textIn(children), children: elementsOf(children) }],
    ),
  );
}

function textIn(nodes: readonly ParsedNode[]): string {
  return nodes.map((node) => ('#text' in node && typeof node['#text'] === 'string' ? node['#text'] : '')).join('');
}

const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };

function decodeReferences(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(lt|gt|quot|apos|amp));/gi, (_, hex, decimal, name) => {
    if (typeof name === 'string') return NAMED[name.toLowerCase()] ?? '';
    return String.fromCodePoint(typeof hex === 'string' ? Number.parseInt(hex, 16) : Number(decimal));
  });
}

/** CR and characters that XML 1.0 cannot hold become character references, as in S3: a parser would read CR as LF. */
export function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll(/(?![\t\n])\p{Cc}/gu, (character) => `&#x${character.charCodeAt(0).toString(16).toUpperCase()};`);
}
