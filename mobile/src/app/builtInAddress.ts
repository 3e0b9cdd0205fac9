import { Platform } from 'react-native';

/** The build's address; on the web, without one, the origin that served the page. */
export function builtInAddress(fromBuild: string): string {
  if (fromBuild !== '') return fromBuild.replace(/\/+$/, '');
  return Platform.OS === 'web' ? window.location.origin : 'http://127.0.0.1:8080';
}
