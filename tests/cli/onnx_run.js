// onnx_run.js - runs an ONNX file on raw float32 values: node onnx_run.js MODEL IN SHAPE OUT
const fs = require('fs');
const ort = require('onnxruntime-node');

const [model, input, shape, output] = process.argv.slice(2);

async function main() {
    const session = await ort.InferenceSession.create(model);
    const bytes = fs.readFileSync(input);
    const values = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
    const results = await session.run(
        {values: new ort.Tensor('float32', values, shape.split(',').map(Number))});
    const result = results[session.outputNames[0]];
    fs.writeFileSync(output, Buffer.from(result.data.buffer, result.data.byteOffset,
                                         result.data.byteLength));
    console.log(JSON.stringify({name: session.outputNames[0], shape: result.dims}));
}

main().catch(error => {
    console.error(error);
    process.exit(1);
});
