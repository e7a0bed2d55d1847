// A session of em-ocpp-chargepoint-simulator, which never answers a charging profile. It runs this as the body of a
// function; the address, with the identity in it, comes by the environment.
const say = (what, detail) => process.stdout.write(`\n${JSON.stringify({ what, detail })}\n`);
const now = () => new Date().toISOString();
try {
  const charger = await connect(process.env.CHARGER_ADDRESS);
  charger.answerTriggerMessage("StatusNotification", async (request) => {
    charger.sendResponse(request.uniqueId, { status: "Accepted" });
    say("TriggerMessage", request.payload);
  });
  charger.answerChangeConfiguration(async (request) => {
    charger.sendResponse(request.uniqueId, { status: "Accepted" });
    say("ChangeConfiguration", request.payload);
  });
  charger.answerGetConfiguration(async (request) => {
    charger.sendResponse(request.uniqueId, { configurationKey: [], unknownKey: [] });
  });
  await charger.sendBootnotification({ chargePointVendor: "Scripted", chargePointModel: "1" });
  await charger.sendStatusNotification({ connectorId: 1, errorCode: "NoError", status: "Preparing" });
  await charger.sendAuthorize({ idTag: "TAG" });
  const started = await charger.startTransaction({
    connectorId: 1,
    idTag: "TAG",
    meterStart: 1377,
    timestamp: now(),
  });
  await charger.sendStatusNotification({ connectorId: 1, errorCode: "NoError", status: "Charging" });
  await charger.meterValues({
    connectorId: 1,
    transactionId: started.transactionId,
    meterValue: [
      { timestamp: now(), sampledValue: [{ value: "3600", measurand: "Power.Active.Import", unit: "W" }] },
      { timestamp: now(), sampledValue: [{ value: "1500" }] },
    ],
  });
  say("charging", started.transactionId);
  await charger.sleep(Number(process.env.CHARGES_FOR_MS));
  await charger.stopTransaction({ transactionId: started.transactionId, meterStop: 1577, timestamp: now() });
  await charger.sendStatusNotification({ connectorId: 1, errorCode: "NoError", status: "Available" });
  say("done", {});
  charger.close();
} catch (error) {
  say("failed", String(error));
}
process.exit(0);
