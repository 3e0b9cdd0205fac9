import fc from 'fast-check';

import { Crc32c } from './crc32c';

const ascii = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

/** One bit at a time, as the polynomial is defined. */
function reference(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

// RFC 3720, appendix B.4, and the CRC catalogue's check value.
test.each([
  [ascii('123456789'), 0xe3069283],
  [new Uint8Array(32), 0x8a9136aa],
  [new Uint8Array(32).fill(0xff), 0x62a8ab43],
  [Uint8Array.from({ length: 32 }, (_, index) => index), 0x46dd794e],
])('known value %#', (bytes, expected) => {
  expect(new Crc32c().update(bytes).value()).toBe(expected);
});

test('is what the definition says, however the bytes are cut', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (pieces) => {
      const sum = new Crc32c();
      for (const piece of pieces) sum.update(piece);
      expect(sum.value()).toBe(reference(Uint8Array.from(pieces.flatMap((piece) => [...piece]))));
    }),
  );
});

test('is written as Cloud Storage writes it', () => {
  expect(new Crc32c().update(ascii('123456789')).base64()).toBe('4waSgw==');
});
