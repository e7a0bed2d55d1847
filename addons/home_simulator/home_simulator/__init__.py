"""A house on the wire: one physical model, spoken over P1, SunSpec Modbus TCP and OCPP 1.6J.

Sign: positive = consumption (import > 0, PV production < 0, battery charging > 0), in W and Wh.
"""
