/** Reader for Grafana dashboards: panels, and their queries as Grafana would send them. */

export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description: string;
  readonly datasource: { readonly type: string; readonly uid: string };
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets: readonly { readonly refId: string; readonly expr: string; readonly legendFormat?: string }[];
  readonly fieldConfig: { readonly defaults: { readonly unit?: string; readonly mappings?: readonly unknown[] } };
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
    targets.map(({ legendFormat, expr }) => {
      const expression = expr.replaceAll(/\$\w+/g, (name) => {
        const value = VARIABLES[name];
        if (value === undefined) throw new Error(`"${title}" uses ${name}, which nothing replaces`);
        return value;
      });
      return { panel: targets.length > 1 ? `${title}: ${legendFormat}` : title, expression };
    }),
  );
}
