import { I18nManager } from 'react-native';

/** Whether the layout runs from right to left. */
export const isRtl = (): boolean => I18nManager.isRTL;

/** What a view needs whose content runs in the layout's direction. */
export const ofLayout = {};

/** What a view needs whose content runs from left to right in every language. */
export const leftToRight = {};
