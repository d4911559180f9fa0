import { countSegments } from '@threadline/messaging/segments';
import { renderTemplate } from '@threadline/messaging/template';
import type { TemplateProblem, TemplateValues } from '@threadline/messaging/template';

export type TemplatePreview =
  | {
      readonly ok: true;
      readonly text: string;
      /** Parts the carrier bills, as far as can be told before it counts itself. */
      readonly segments: number;
    }
  | {
      readonly ok: false;
      readonly missing: readonly string[];
      readonly problems: readonly TemplateProblem[];
    };

/** Renders a template here, with the code that renders it when it is sent. Nothing is sent anywhere. */
export function previewTemplate(body: string, variables: TemplateValues = {}): TemplatePreview {
  const rendered = renderTemplate(body, variables);
  return rendered.ok ? { ...rendered, segments: countSegments(rendered.text).segments } : rendered;
}
