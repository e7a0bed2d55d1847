// A charger on the ocpp-rpc package, which holds every message in both directions against the protocol's schemas.
// Arguments: address, identity, password, version. Prints what it hears, a JSON line each, until it is told to end.
const { RPCClient } = require("ocpp-rpc");

const [endpoint, identity, password, version] = process.argv.slice(2);
const say = (what, detail) => console.log(JSON.stringify({ what, detail }));
const now = () => new Date().toISOString();
const ACCEPTED = { status: "Accepted" };

const charger = new RPCClient({
  endpoint,
  identity,
  password,
  protocols: [`ocpp${version}`],
  strictMode: true,
  reconnect: false,
});
charger.on("strictValidationFailure", ({ error }) => say("broken", String(error)));
charger.on("close", ({ code }) => {
  say("closed", code);
  process.exit(0);
});

const variable = ({ component, variable }, value) => ({
  component,
  variable,
  attributeStatus: "Accepted",
  ...value,
});
const ANSWERS = {
  GetConfiguration: ({ key }) => ({
    configurationKey: (key || []).map((name) => ({ key: name, readonly: false, value: "4" })),
  }),
  GetLocalListVersion: () => (version === "1.6" ? { listVersion: 0 } : { versionNumber: 0 }),
  GetCompositeSchedule: () => ({ status: "Rejected" }),
  GetVariables: ({ getVariableData }) => ({
    getVariableResult: getVariableData.map((each) => variable(each, { attributeValue: "4" })),
  }),
  SetVariables: ({ setVariableData }) => ({
    setVariableResult: setVariableData.map((each) => variable(each, {})),
  }),
};
charger.handle(({ method, params }) => {
  say(method, params);
  return (ANSWERS[method] || (() => ACCEPTED))(params);
});

const power = [{ value: "7200", measurand: "Power.Active.Import", unit: "W" }];
async function session16() {
  await charger.call("BootNotification", { chargePointVendor: "Strict", chargePointModel: "16" });
  await charger.call("StatusNotification", { connectorId: 1, errorCode: "NoError", status: "Preparing" });
  await charger.call("Authorize", { idTag: "TAG" });
  const started = await charger.call("StartTransaction", {
    connectorId: 1,
    idTag: "TAG",
    meterStart: 1000,
    timestamp: now(),
  });
  await charger.call("StatusNotification", { connectorId: 1, errorCode: "NoError", status: "Charging" });
  await charger.call("MeterValues", {
    connectorId: 1,
    transactionId: started.transactionId,
    meterValue: [{ timestamp: now(), sampledValue: power }],
  });
  say("charging", started.transactionId);
}

async function session201() {
  const station = { vendorName: "Strict", model: "201" };
  await charger.call("BootNotification", { reason: "PowerUp", chargingStation: station });
  await charger.call("StatusNotification", {
    timestamp: now(),
    connectorStatus: "Occupied",
    evseId: 1,
    connectorId: 1,
  });
  await charger.call("Authorize", { idToken: { idToken: "TAG", type: "ISO14443" } });
  await charger.call("TransactionEvent", {
    eventType: "Started",
    timestamp: now(),
    triggerReason: "ChargingStateChanged",
    seqNo: 0,
    transactionInfo: { transactionId: "tx-1", chargingState: "Charging" },
    evse: { id: 1 },
    meterValue: [
      {
        timestamp: now(),
        sampledValue: [{ value: 7.2, measurand: "Power.Active.Import", unitOfMeasure: { unit: "W", multiplier: 3 } }],
      },
    ],
  });
  say("charging", "tx-1");
}

process.stdin.on("end", () => charger.close()).resume();
setTimeout(() => process.exit(3), 60000).unref();
charger
  .connect()
  .then(version === "1.6" ? session16 : session201)
  .catch((error) => {
    say("failed", String(error));
    process.exit(1);
  });
