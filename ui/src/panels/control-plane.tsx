import { useComputed } from "@preact/signals";
import { type ControlPicture, counted, type Health, whole } from "../playback/picture.ts";
import * as state from "../state.ts";

interface Watcher {
  readonly name: string;
  readonly words: string;
  readonly health: Health;
}

/** What launches, scales and watches: apart from what serves, since each can fail alone. */
export function ControlPlane() {
  const watchers = useComputed(() => {
    const now = state.picture.value?.control;
    return now === undefined ? [] : watchersOf(now);
  });
  return (
    <section class="control-plane" aria-label="Control plane">
      <h2 class="muted">Control plane</h2>
      <dl>
        {watchers.value.map((each) => (
          <div key={each.name} data-health={each.health}>
            <dt>{each.name}</dt>
            <dd>
              <svg width="10" height="10" aria-hidden="true">
                <use href={`#glyph-${each.health}`} width="10" height="10" />
              </svg>{" "}
              {each.words}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function dnsWords({ dnsStale, oldAnswersSeconds }: ControlPicture): string {
  if (oldAnswersSeconds > 0) return `changed; old answers for ${oldAnswersSeconds} s`;
  return dnsStale > 0 ? counted(dnsStale, "stale record") : "up to date";
}

function watchersOf(now: ControlPicture): readonly Watcher[] {
  const { hosts } = now;
  return [
    {
      name: "Launches",
      words: now.frozen
        ? "frozen"
        : now.starting > 0
          ? `${whole(now.starting)} starting`
          : "at rest",
      health: now.frozen ? "failed" : now.starting > 0 ? "unknown" : "healthy",
    },
    ...(hosts === undefined
      ? []
      : [
          {
            name: "EC2 hosts",
            words:
              hosts.tasksWaiting > 0
                ? `${counted(hosts.tasksWaiting, "task")} waiting for one`
                : `${whole(hosts.registered)} of ${whole(hosts.wanted)} registered`,
            health:
              hosts.tasksWaiting > 0 || hosts.registered < hosts.wanted
                ? ("degraded" as const)
                : ("healthy" as const),
          },
        ]),
    {
      name: "CloudWatch",
      words: now.blind ? "blind" : counted(now.alarms, "alarm"),
      health: now.blind ? "failed" : now.alarms > 0 ? "degraded" : "healthy",
    },
    {
      name: "DNS",
      words: dnsWords(now),
      health: now.dnsStale > 0 || now.oldAnswersSeconds > 0 ? "degraded" : "healthy",
    },
  ];
}
