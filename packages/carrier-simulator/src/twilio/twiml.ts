export interface TwimlMessage {
  body: string;
  mediaUrls: string[];
  to: string | null;
}

/** The texts a webhook's answer asks the carrier to send: the `<Message>` verbs of a TwiML document. */
export function readTwiml(document: string): TwimlMessage[] {
  if (!/<Response[\s>/]/.test(document)) return [];
  const messages: TwimlMessage[] = [];
  for (const [, attributes = '', content = ''] of document.matchAll(
    /<(?:Message|Sms)(\s[^>]*)?>([\s\S]*?)<\/(?:Message|Sms)>/g,
  )) {
    const nested = /<Body[^>]*>([\s\S]*?)<\/Body>/.exec(content)?.[1];
    const mediaUrls = [...content.matchAll(/<Media[^>]*>([\s\S]*?)<\/Media>/g)].map(([, url = '']) =>
      plain(url),
    );
    const body = plain(nested ?? content.replaceAll(/<(\w+)[^>]*>[\s\S]*?<\/\1>/g, ''));
    const to = /\sto="([^"]*)"/.exec(attributes)?.[1];
    if (body !== '' || mediaUrls.length > 0)
      messages.push({ body, mediaUrls, to: to === undefined ? null : plain(to) });
  }
  return messages;
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function plain(text: string): string {
  return text
    .trim()
    .replaceAll(/<!\[CDATA\[([\s\S]*?)\]\]>/g, (_, content: string) => content)
    .replaceAll(
      /&(?:#(\d+)|#x([\da-fA-F]+)|(\w+));/g,
      (whole, decimal?: string, hex?: string, name?: string) => {
        if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
        if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
        return entities[name ?? ''] ?? whole;
      },
    );
}
