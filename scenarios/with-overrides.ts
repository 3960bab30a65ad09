/** A component with some of its fields replaced; parameters are replaced one by one. */
export function withOverrides<Component extends object>(
  component: Component,
  changes: Readonly<Record<string, unknown>>,
): Component {
  const parameters = {
    ...(component as { parameters?: object }).parameters,
    ...(changes["parameters"] as object | undefined),
  };
  const changed = { ...component, ...changes };
  return Object.keys(parameters).length > 0 ? { ...changed, parameters } : changed;
}
