import fc from 'fast-check';
import { expect, test } from 'vitest';
import { escapeXml, parseXml } from '../../src/object-store/parse-xml.ts';

test('elements come with their text, in order, without namespaces and attributes', () => {
  const source =
    '<?xml version="1.0"?><!-- by hand --><s3:Delete xmlns:s3="x" a="1"><Object><Key> a&#10;b </Key></Object><Quiet/></s3:Delete>';
  expect(parseXml(source)).toEqual({
    name: 'Delete',
    text: '',
    children: [
      { name: 'Object', text: '', children: [{ name: 'Key', text: ' a\nb ', children: [] }] },
      { name: 'Quiet', text: '', children: [] },
    ],
  });
  expect(parseXml('<K><![CDATA[a<b&amp;]]></K>')?.text).toBe('a<b&amp;');
});

test('a document that is not well-formed, or that defines entities, is refused', () => {
  for (const source of ['', 'text', '<A>', '<A></B>', '<A/><B/>', '<A>a & b</A>', '<A>&#xFFFFFFFF;</A>']) {
    expect(parseXml(source), source).toBeNull();
  }
  expect(parseXml('<!DOCTYPE d [<!ENTITY x "boom">]><A>&x;</A>')).toBeNull();
  expect(parseXml('<A>'.repeat(10_000) + '</A>'.repeat(10_000))).toBeNull();
});

test('every text that was escaped is read back, control characters too', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(parseXml(`<Key>${escapeXml(text)}</Key>`)?.text).toBe(text);
    }),
  );
});
