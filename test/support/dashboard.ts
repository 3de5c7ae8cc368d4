/** Reader for Grafana dashboards: panels, and their queries as Grafana would send them. */

export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description: string;
  readonly datasource: { readonly type: string; readonly uid: string };
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets: readonly { readonly refId: string; readonly expr: string; readonly legendFormat?: string }[];
  readonly fieldConfig: {
    readonly defaults: { readonly unit?: string; readonly mappings?: readonly unknown[] };
    readonly overrides: readonly { readonly matcher: { readonly id: string; readonly options: string } }[];
  };
  readonly transformations?: readonly { readonly id: string; readonly options: Readonly<Record<string, unknown>> }[];
}

export interface Dashboard {
  readonly schemaVersion: number;
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string }[] };
  readonly panels: readonly Panel[];
}

/** What Grafana puts in place of its variables, when all devices are chosen and a few minutes are shown. */
const VARIABLES: Readonly<Record<string, string>> = {
  $device_id: '.+',
  $__rate_interval: '1m',
  $__range: '5m',
  $__interval: '15s',
};

/** Every query of a dashboard, its variables replaced. Throws on one that is not known. */
export function dashboardQueries(json: string): { panel: string; expression: string }[] {
  return (JSON.parse(json) as Dashboard).panels.flatMap(({ title, targets }) =>
    targets.map(({ legendFormat, expr }) => ({
      panel: targets.length > 1 ? `${title}: ${legendFormat}` : title,
      expression: withVariables(expr),
    })),
  );
}

/** The panel with this title. */
export function panelOf(json: string, title: string): Panel {
  const panel = (JSON.parse(json) as Dashboard).panels.find((each) => each.title === title);
  if (!panel) throw new Error(`the dashboard has no panel "${title}"`);
  return panel;
}

/** A query as Grafana would send it. */
export function withVariables(expr: string): string {
  return expr.replaceAll(/\$\w+/g, (name) => {
    const value = VARIABLES[name];
    if (value === undefined) throw new Error(`nothing replaces ${name} in ${expr}`);
    return value;
  });
}
