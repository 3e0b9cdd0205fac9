/** One part of the app that is loaded when something is to be cut out, or was. */
export { CutScreen } from './CutScreen';
export { CutState } from './CutState';
