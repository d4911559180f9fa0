/** What somebody reads whose membership is suspended. */
export function suspendedWords(organizationName: string): string {
  return (
    `Your access to ${organizationName} is suspended. An owner or admin of the organization can give it back; ` +
    'what you wrote and sent stays with the team.'
  );
}
