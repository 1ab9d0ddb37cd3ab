// What a model does, as a small drawing: the names are the `symbol` that declarations give.

Object.assign(ICONS, {
  // Sources: spikes, then currents.
  poisson: "M2.5 13V8M5 13V3.5M7.5 13V9.5M9.5 13V5.5M11.5 13V8M13.5 13v-2.5",
  spikes: "M1.5 12.5h13M3.5 12.5v-8M6 12.5v-8M10.5 12.5v-8M12.5 12.5v-8",
  file: "M3.5 1.8h5.7L12.5 5v9.2h-9zM9 1.8V5h3.5M5.8 12V8.5M8 12V8.5M10.3 12V8.5",
  regular: "M1.5 12.5h13M3 12.5v-7M6.3 12.5v-7M9.6 12.5v-7M13 12.5v-7",
  packets: "M1.5 12.5h13M3.2 12.5v-4M4.6 12.5v-8M6 12.5v-4M10 12.5v-4M11.4 12.5v-8M12.8 12.5v-4",
  poisson_sine: "M1.5 13v-2.5M3 13V8.5M4.4 13V6.5M6 13V8.5M9 13v-2.5M11 13V8.5M12.4 13V6.5M14 13V8.5M1.5 5.2c1.7-4 4.3-4 6.2-1.2s4.6 3 6.8-1.2",
  poisson_table: "M2.5 13V9.5M6.5 13V6M8 13V7.5M9.5 13V6M13 13V9.5M1.5 5.5h4v-3h5v3h4",
  constant: "M1.5 12h2.5V5h10.5",
  step: "M1.5 12H5V4h5.5v8h4",
  ramp: "M1.5 12.5h3l7-9v9h3",
  pulse: "M1.5 12.5H3v-8h2.2v8h2.2v-8h2.2v8h2.2v-8H14v8h.8",
  sine: "M1.5 8c2-7.4 4.4-7.4 6.5 0s4.5 7.4 6.5 0",
  noise: "M1.5 8.5 3 6l1.5 5L6 3.5l1.8 9L9.3 6l1.4 4L12 5.5l1 4 1.5-2",
  ou: "M1.5 9.5 3 8l1.3.8L5.5 5l1.4 1.4L8.2 4l1.3 3.4 1.2-.6 1.2 4 1.2-1 1.4 2.2",
  table: "M1.5 12.5h2.2V9h2.6V4h2.8v6h2.6V6.5h2.8",
  clamp: "M1.5 11.5h4V4.5h5v7h4M8 1.8v1.2M8 13v1.2",
  // Neurons that integrate and fire.
  lif: "M1.5 12.5c3-.2 4.9-1.9 5.7-4.5L7.6 2.5v10c2.6-.3 4.6-1 6.9-2.8",
  sawtooth: "M1.5 12.5 6 4.5v8L10.5 4.5v8L14.5 5.4",
  upstroke: "M1.5 12.5c3.4-.3 4.4-4.4 6-4.6 1.8-.2 2.6-1.6 3-6v10.6c1.4-.1 2.6-.7 4-1.7",
  adex: "M1.5 9.5c4.6 0 6.2-1.5 6.6-7.5v12c1.4-.1 2.6-3.2 6.4-4.2",
  adapting: "M1.5 13h13M2.5 13V3.5M4 13V3.5M6.2 13V3.5M9.4 13V3.5M13.6 13V3.5",
  escape: "M1.5 12.5c2.6-.3 4-2.6 4.6-5M6.1 7.5l.5-5v10c2.2-.2 3.6-1.3 4.6-3M11.2 9.5l2.6-4M3.5 3.5h.01M9.3 4.5h.01M13 2.8h.01",
  izhikevich: "M1.5 12.5c1.4-.4 1.6-9.5 2.7-9.5s.9 8.5 1.9 8.5S7.2 3 8.2 3s1 8.5 2 8.5 1.2-5.5 2-5.5.8 6.5 2.3 6.5",
  // Neurons whose membrane makes the spike, or none.
  hodgkin_huxley: "M1.5 11h2.6C5.7 11 5.7 2.5 7 2.5s1.2 11 2.8 11c1.3 0 1.4-2 4.7-2",
  oscillation: "M1.5 11.5c1.6 0 1.4-8 2.6-8s1.4 3.4 1.9 6 .9 2 1.7 2c1.5 0 1.3-8 2.5-8s1.4 3.4 1.9 6 .9 2 2.4 2",
  burst: "M1.5 12.5h2V4l.9 6 .9-6 .9 6 .9-6v8.5h3V4l.9 6 .9-6 .9 6 .9-6v8.5",
  passive: "M1.5 12.5h2.6C5 7 6.6 4.6 9 4.2V4.2c.5 4.6 2.2 7.6 5.5 8.1",
  integrator: "M1.5 12.5h2.5L9.5 4.5h5",
  // Steps of time, as deep learning has them.
  steps: "M1.5 12.5h2V10h2V8h2V2.8M7.5 12.5h2v-2.4h2V8.6h3",
  steps_sawtooth: "M1.5 12.5h2v-3h2v-3h2v9M7.5 12.5h2v-3h2v-3h2.5",
  steps_adapting: "M1.5 12.5h2V9h2V3M5.5 12.5h2.4V10h2.4V8h2.2V3M12.5 12.5h2",
  steps_synapse: "M1.5 12.5h2V4h2v2.6h2v2h2v1.5h2v1.2h3",
  // The charge that leaks away after an input; a step of the potential; a conductance that changes.
  current_synapse: "M1.5 12.5h3V3c.8 5.6 3.4 9.2 10 9.5",
  alpha_synapse: "M1.5 12.5h2.4C5.2 5.6 6 3.8 7.2 3.8c1.9 0 2.2 8 7.3 8.7",
  delta_synapse: "M1.5 12.5h13M8 12.5V3M5.4 5.6 8 3l2.6 2.6",
  conductance_synapse: "M1 9h2.5M12.5 9H15M3.5 6.8h9v4.4h-9zM4.5 14 11.5 2.6M8.7 2.9l2.8-.3.5 2.7",
})
