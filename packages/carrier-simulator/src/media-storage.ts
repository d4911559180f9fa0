/** Path under which media are served to whoever has the link. */
export const mediaStoragePath = '/media-storage/';
