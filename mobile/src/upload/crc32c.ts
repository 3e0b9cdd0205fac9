/** CRC-32C (Castagnoli, reflected polynomial 0x82F63B78), four bytes a step ("slicing by four"). */
const TABLES = tables();

function tables(): readonly [Uint32Array, Uint32Array, Uint32Array, Uint32Array] {
  const made = [0, 1, 2, 3].map(() => new Uint32Array(256));
  const [t0, t1, t2, t3] = made as [Uint32Array, Uint32Array, Uint32Array, Uint32Array];
  for (let n = 0; n < 256; n += 1) {
    let value = n;
    for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
    t0[n] = value;
  }
  const shifted = (value: number) => (value >>> 8) ^ (t0[value & 255] as number);
  for (let n = 0; n < 256; n += 1) {
    t1[n] = shifted(t0[n] as number);
    t2[n] = shifted(t1[n] as number);
    t3[n] = shifted(t2[n] as number);
  }
  return [t0, t1, t2, t3];
}

export class Crc32c {
  private crc = 0xffffffff;

  update(bytes: Uint8Array): this {
    const [t0, t1, t2, t3] = TABLES;
    let crc = this.crc;
    let at = 0;
    for (const end = bytes.length - 3; at < end; at += 4) {
      crc ^=
        (bytes[at] as number) |
        ((bytes[at + 1] as number) << 8) |
        ((bytes[at + 2] as number) << 16) |
        ((bytes[at + 3] as number) << 24);
      crc =
        (t3[crc & 255] as number) ^
        (t2[(crc >>> 8) & 255] as number) ^
        (t1[(crc >>> 16) & 255] as number) ^
        (t0[crc >>> 24] as number);
    }
    for (; at < bytes.length; at += 1) crc = (crc >>> 8) ^ (t0[(crc ^ (bytes[at] as number)) & 255] as number);
    this.crc = crc >>> 0;
    return this;
  }

  value(): number {
    return (this.crc ^ 0xffffffff) >>> 0;
  }

  /** As Cloud Storage writes it: base64 of the four bytes, big-endian. */
  base64(): string {
    const value = this.value();
    return btoa(String.fromCharCode(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255));
  }
}
