import type { Client } from '#lib/data/client.ts';
import { toDataError, type DataError } from '#lib/data/errors.ts';
import {
  inviteMember,
  listMembers,
  listOpenInvitations,
  revokeInvitation,
  updateMember,
} from '#lib/data/members.ts';
import type { Invitation, Member, Role } from '#lib/data/records.ts';

/** The people of an organization and the invitations that are out. */
export class MembersState {
  readonly #client: Client;
  readonly #organizationId: string;
  readonly #mayManage: boolean;
  #members = $state.raw<Member[]>([]);
  #invitations = $state.raw<Invitation[]>([]);
  #error = $state.raw<DataError | null>(null);
  #isLoaded = $state(false);

  constructor(client: Client, organizationId: string, mayManage: boolean) {
    this.#client = client;
    this.#organizationId = organizationId;
    this.#mayManage = mayManage;
  }

  get members(): Member[] {
    return this.#members;
  }

  get invitations(): Invitation[] {
    return this.#invitations;
  }

  get error(): DataError | null {
    return this.#error;
  }

  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  async load(): Promise<void> {
    this.#error = null;
    try {
      [this.#members, this.#invitations] = await Promise.all([
        listMembers(this.#client, this.#organizationId),
        this.#mayManage ? listOpenInvitations(this.#client, this.#organizationId) : [],
      ]);
      this.#isLoaded = true;
    } catch (thrown) {
      this.#error = toDataError(thrown);
    }
  }

  /** Invites an address and returns the token for its link. Throws a DataError. */
  async invite(email: string, role: Role): Promise<string> {
    const token = await inviteMember(this.#client, this.#organizationId, email, role);
    await this.load();
    return token;
  }

  /** Throws a DataError. */
  async revoke(invitationId: string): Promise<void> {
    await revokeInvitation(this.#client, invitationId);
    await this.load();
  }

  /** Changes role or status of a member. Throws a DataError. */
  async change(userId: string, change: { role?: Role; status?: Member['status'] }): Promise<void> {
    try {
      await updateMember(this.#client, this.#organizationId, userId, change);
    } finally {
      // Also when refused: the row must show what holds, not what was tried.
      await this.load();
    }
  }
}
