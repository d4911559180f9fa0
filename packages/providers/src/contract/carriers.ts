import type { HttpClient, HttpReply, HttpRequest } from '../http-client.ts';

/** A carrier that answers as told and remembers what it was asked. */
export function cannedCarrier(answer: HttpReply | Error): { http: HttpClient; requests: HttpRequest[] } {
  return scriptedCarrier([], answer);
}

/** A carrier that gives its answers one after the other, and then the last one for ever. */
export function scriptedCarrier(
  answers: readonly (HttpReply | Error)[],
  afterwards: HttpReply | Error = new Error('the script is over'),
): { http: HttpClient; requests: HttpRequest[] } {
  const requests: HttpRequest[] = [];
  const http: HttpClient = (request) => {
    const answer = answers[requests.length] ?? afterwards;
    requests.push(request);
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  return { http, requests };
}
