import { need, request } from "./http";

/** Where a plan is written for review: the comments of a pull request, or the notes of a merge request. */
export interface Review {
  /** Address of the list, to which a comment is also posted. */
  readonly comments: string;
  /** Address of one. */
  readonly comment: (id: number) => string;
  readonly update: "PATCH" | "PUT";
  readonly headers: Readonly<Record<string, string>>;
  /** Whether a comment is this program's own: nobody else's is ever overwritten. */
  readonly isOwn: (comment: Comment) => boolean | Promise<boolean>;
}

export interface Comment {
  readonly id: number;
  readonly body: string;
  readonly user?: { readonly type: string };
  readonly author?: { readonly id: number };
}

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws Error when a variable is missing */
export function reviewFrom(env: Environment): Review {
  return env.GITLAB_CI === "true" ? gitlab(env) : github(env);
}

function github(env: Environment): Review {
  const issues = `${need(env, "GITHUB_API_URL")}/repos/${need(env, "GITHUB_REPOSITORY")}/issues`;
  return {
    comments: `${issues}/${need(env, "PULL_REQUEST")}/comments`,
    comment: (id) => `${issues}/comments/${id}`,
    update: "PATCH",
    headers: {
      authorization: `Bearer ${need(env, "GITHUB_TOKEN")}`,
      accept: "application/vnd.github+json",
    },
    isOwn: ({ user }) => user?.type === "Bot",
  };
}

function gitlab(env: Environment): Review {
  const api = need(env, "CI_API_V4_URL");
  const iid = need(env, "CI_MERGE_REQUEST_IID");
  const comments = `${api}/projects/${need(env, "CI_PROJECT_ID")}/merge_requests/${iid}/notes`;
  const headers = { "private-token": need(env, "GITLAB_TOKEN") };
  return {
    comments,
    comment: (id) => `${comments}/${id}`,
    update: "PUT",
    headers,
    isOwn: async ({ author }) =>
      author?.id === (await request<{ id: number }>("GET", `${api}/user`, headers)).id,
  };
}

/**
 * Updates the comment that begins with a marker, or writes it.
 *
 * @param make whether to write it when there is none
 */
export async function upsert(
  review: Review,
  marker: string,
  body: string,
  make = true,
): Promise<"created" | "updated" | "nothing"> {
  const { comments, comment, update, headers } = review;
  const existing = await find(review, marker);
  if (existing) await request(update, comment(existing.id), headers, { body });
  else if (make) await request("POST", comments, headers, { body });
  else return "nothing";
  return existing ? "updated" : "created";
}

async function find(review: Review, marker: string): Promise<Comment | undefined> {
  for (let page = 1; ; page++) {
    const address = `${review.comments}?per_page=100&page=${page}`;
    const found = await request<Comment[]>("GET", address, review.headers);
    for (const one of found)
      if (one.body.startsWith(marker) && (await review.isOwn(one))) return one;
    if (found.length < 100) return undefined;
  }
}
