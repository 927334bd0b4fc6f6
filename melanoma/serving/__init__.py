"""Run + Photo -> Prediction. The only place that decides."""
