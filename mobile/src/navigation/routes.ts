/** Every place in the app. An address names one place, and a place has one address. */
export type Route =
  | { readonly name: 'library' }
  /** `at`: the second that the link leads to. */
  | { readonly name: 'lecture'; readonly lectureId: string; readonly at?: number }
  | { readonly name: 'cutting'; readonly lectureId: string }
  | { readonly name: 'course'; readonly courseId: string }
  | { readonly name: 'search' }
  | { readonly name: 'record' }
  /** A recording on this device that is named and uploaded there. */
  | { readonly name: 'recording'; readonly recordingId: string }
  | { readonly name: 'settings' }
  | { readonly name: 'operator' }
  | { readonly name: 'not_found'; readonly path: string };

/** Ids as the API has them; anything else in an address leads nowhere. */
const ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

/** The address of a place, from the app's base on. */
export function pathOf(route: Route): string {
  switch (route.name) {
    case 'library':
      return '/';
    case 'lecture':
      return `/lectures/${route.lectureId}${route.at === undefined ? '' : `?t=${route.at}`}`;
    case 'cutting':
      return `/lectures/${route.lectureId}/cut`;
    case 'course':
      return `/courses/${route.courseId}`;
    case 'search':
      return '/search';
    case 'record':
      return '/record';
    case 'recording':
      return `/recordings/${route.recordingId}`;
    case 'settings':
      return '/settings';
    case 'operator':
      return '/operator';
    case 'not_found':
      return route.path;
  }
}

/** The place of an address. Of its query only a lecture's second counts; slashes at the end are ignored. */
export function routeOf(path: string): Route {
  const query = /^[^#]*?\?([^#]*)/.exec(path)?.[1] ?? '';
  const plain = path.replace(/[?#].*$/, '');
  const parts = plain.split('/').filter((part) => part !== '');
  const [first, second, third] = parts;
  if (parts.length === 0) return { name: 'library' };
  if (parts.length === 1 && first === 'record') return { name: 'record' };
  if (parts.length === 1 && first === 'search') return { name: 'search' };
  if (parts.length === 1 && first === 'settings') return { name: 'settings' };
  if (parts.length === 1 && first === 'operator') return { name: 'operator' };
  if (parts.length === 2 && first === 'lectures' && second !== undefined && ID.test(second)) {
    const at = secondOf(query);
    return { name: 'lecture', lectureId: second, ...(at === null ? {} : { at }) };
  }
  if (parts.length === 3 && first === 'lectures' && second !== undefined && ID.test(second) && third === 'cut') {
    return { name: 'cutting', lectureId: second };
  }
  if (parts.length === 2 && first === 'courses' && second !== undefined && ID.test(second)) {
    return { name: 'course', courseId: second };
  }
  if (parts.length === 2 && first === 'recordings' && second !== undefined && ID.test(second)) {
    return { name: 'recording', recordingId: second };
  }
  return { name: 'not_found', path: plain };
}

/** `t=90`, up to a day. */
function secondOf(query: string): number | null {
  const found = /(?:^|&)t=(\d{1,5})(?:&|$)/.exec(query)?.[1];
  return found === undefined ? null : Number(found);
}

/** Where the back button of a view leads if there is nothing to go back to. */
export function parentOf(route: Route): Route | null {
  return route.name === 'library' ? null : { name: 'library' };
}

/** The part of an address behind the app's base (`/app`); null if it is not of the app. */
export function withinBase(pathname: string, base: string): string | null {
  const trimmed = base.replace(/\/+$/, '');
  if (trimmed === '') return pathname;
  if (pathname === trimmed) return '/';
  return pathname.startsWith(`${trimmed}/`) ? pathname.slice(trimmed.length) : null;
}
