export { renderMetrics } from "../infrastructure/prometheus";
