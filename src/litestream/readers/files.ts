import { metricsModule } from "../metrics-module";
import { commonModule } from "./scripts/common";
import { followScript } from "./scripts/follow";
import { followerModule } from "./scripts/follower";
import { lagModule } from "./scripts/lag";
import { pagesModule } from "./scripts/pages";
import { positionsModule } from "./scripts/positions";
import { publishModule } from "./scripts/publish";
import { readyScript } from "./scripts/ready";

/**
 * The follower's program, by file name. In Perl: it needs SQLite's locks, several processes and a socket, and
 * perl-base is in Litestream's default image, as in every Debian.
 */
export const followerFiles: Readonly<Record<string, string>> = {
  "follow.pl": followScript,
  "ready.pl": readyScript,
  "Common.pm": commonModule,
  "Follower.pm": followerModule,
  "Lag.pm": lagModule,
  "Metrics.pm": metricsModule,
  "Pages.pm": pagesModule,
  "Positions.pm": positionsModule,
  "Publish.pm": publishModule,
};
