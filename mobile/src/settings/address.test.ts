import { parseAddress } from './address';

test.each([
  ['https://pegasus.example.edu/', 'https://pegasus.example.edu'],
  [' https://example.edu/pegasus/// ', 'https://example.edu/pegasus'],
  ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
  ['http://192.168.1.20:8080', 'http://192.168.1.20:8080'],
  ['http://pegasus.local', 'http://pegasus.local'],
])('%s is used as %s', (text, expected) => expect(parseAddress(text)).toBe(expected));

test.each([
  '',
  'pegasus.example.edu',
  'http://example.edu',
  'http://127.0.0.1.example.edu',
  'http://172.32.0.1',
  'javascript:alert(1)',
  'https://user:secret@example.edu',
  'https://example.edu/?next=x',
])('%s is no address', (text) => expect(parseAddress(text)).toBeNull());
