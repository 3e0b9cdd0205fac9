/** Whether the layout runs from right to left: as the page does. */
export const isRtl = (): boolean => document.documentElement.dir === 'rtl';

/** React Native Web resolves `start` and `end` by the nearest view with a direction; it does not look at the page. */
export const ofLayout: object = { dir: isRtl() ? 'rtl' : 'ltr' };

/** What a view needs whose content runs from left to right in every language. */
export const leftToRight: object = { dir: 'ltr' };
