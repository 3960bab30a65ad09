/** Where the control plane believes a task to be; ECS names in comments. */
export const stage = {
  free: 0,
  /** PROVISIONING: placed, network interface being set up. */
  provisioning: 1,
  /** PENDING: image being pulled, container being started. */
  pending: 2,
  /** ACTIVATING: the program boots and is registered. */
  activating: 3,
  /** RUNNING. */
  running: 4,
  /** RUNNING, unhealthy, kept until its replacement runs. */
  condemned: 5,
  /** DEACTIVATING: connections drain. */
  draining: 6,
  /** STOPPING: told to end; killed when it has not by the stop timeout. */
  stopping: 7,
  /** Given up without having been seen to end: its host is silent. Stopped when it is heard of again. */
  lost: 8,
} as const;

/** Whether a task counts towards the desired count. */
export function isActive(now: number): boolean {
  return now >= stage.provisioning && now <= stage.running;
}
