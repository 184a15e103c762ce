/**
 * ONNX Runtime builds after 1.27 send telemetry unless this variable is set before the library is loaded. We pin
 * 1.27.0, which has none, and set it all the same. Imported first by everything that leads to the runtime: a worker's
 * own environment is a copy that native code does not see.
 */
process.env.ORT_DISABLE_TELEMETRY = '1'
