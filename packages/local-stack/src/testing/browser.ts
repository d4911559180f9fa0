import { access, constants } from 'node:fs/promises';
import { chromium, type Browser } from 'playwright-core';
import { unpackChromium } from './packaged-chromium.ts';

/** Where people's machines keep a Chromium, most specific first. */
const usualPlaces = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** Nothing a test needs, and all of it talks to the outside or wants hardware that a test machine lacks. */
const quietly = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-default-apps',
  '--no-first-run',
];

async function findInstalled(): Promise<string | null> {
  for (const place of usualPlaces) {
    try {
      await access(place, constants.X_OK);
      return place;
    } catch {
      // Not there: the next one.
    }
  }
  return null;
}

/**
 * Starts the machine's Chromium, or the packaged one where there is none. THREADLINE_CHROMIUM overrides the choice: the
 * path of a Chromium, or `packaged`.
 */
export async function launchBrowser(choice = process.env['THREADLINE_CHROMIUM']): Promise<Browser> {
  const executablePath = choice === 'packaged' ? null : (choice ?? (await findInstalled()));
  if (executablePath !== null) return chromium.launch({ executablePath, args: quietly });
  const unpacked = await unpackChromium();
  return chromium.launch({ ...unpacked, args: [...unpacked.args, ...quietly] });
}
