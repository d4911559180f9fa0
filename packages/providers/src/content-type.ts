export function isJsonContent(contentType: string | null): boolean {
  return mediaType(contentType) === 'application/json';
}

export function isFormContent(contentType: string | null): boolean {
  return mediaType(contentType) === 'application/x-www-form-urlencoded';
}

function mediaType(contentType: string | null): string {
  return (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}
