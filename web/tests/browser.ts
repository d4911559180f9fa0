export { launchBrowser } from '@threadline/local-stack/browser';
