import fc from 'fast-check';

import { type Route, parentOf, pathOf, routeOf, withinBase } from './routes';

const id = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/);
const place: fc.Arbitrary<Route> = fc.oneof(
  fc.constantFrom<Route>({ name: 'library' }, { name: 'record' }, { name: 'search' }, { name: 'settings' }),
  id.map<Route>((lectureId) => ({ name: 'lecture', lectureId })),
  fc.tuple(id, fc.integer({ min: 0, max: 99_999 })).map<Route>(([lectureId, at]) => ({ name: 'lecture', lectureId, at })),
  id.map<Route>((lectureId) => ({ name: 'cutting', lectureId })),
  id.map<Route>((courseId) => ({ name: 'course', courseId })),
  id.map<Route>((recordingId) => ({ name: 'recording', recordingId })),
);

test('an address leads to the place that it is of', () => {
  fc.assert(fc.property(place, (route) => expect(routeOf(pathOf(route))).toEqual(route)));
});

const plain = place.filter((route) => !pathOf(route).includes('?'));

test('an unknown query, a fragment and slashes at the end change nothing', () => {
  fc.assert(
    fc.property(plain, fc.constantFrom('?x=/record', '#/settings', '/', '/?a'), (route, rest) =>
      expect(routeOf(pathOf(route) + rest)).toEqual(route),
    ),
  );
});

test('any text is a place, and it never raises', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const route = routeOf(text);
      if (route.name === 'lecture') expect(route.lectureId).toMatch(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/);
    }),
  );
});

test.each(['/lectures/../settings', '/lectures/%2e%2e', '/lectures/a/b', '/lectures/-x', '/nothing'])(
  '%s is no place',
  (path) => expect(routeOf(path).name).toBe('not_found'),
);

test.each([
  ['?t=90', 90],
  ['?x=1&t=0#a', 0],
  ['?t=', undefined],
  ['?t=-1', undefined],
  ['?t=1e3', undefined],
  ['?at=90', undefined],
  ['#?t=90', undefined],
])('the second of %s is %s', (query, at) =>
  expect(routeOf(`/lectures/a${query}`)).toEqual({ name: 'lecture', lectureId: 'a', ...(at === undefined ? {} : { at }) }),
);

test('the base is a folder, not a prefix', () => {
  expect(withinBase('/app', '/app')).toBe('/');
  expect(withinBase('/app/', '/app/')).toBe('/');
  expect(withinBase('/app/record', '/app')).toBe('/record');
  expect(withinBase('/application', '/app')).toBeNull();
  expect(withinBase('/record', '')).toBe('/record');
});

test('every place but the library leads back', () => {
  fc.assert(fc.property(place, (route) => expect(parentOf(route) === null).toBe(route.name === 'library')));
});
