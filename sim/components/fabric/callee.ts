import type { Component } from "./component.ts";

/** The side of a component that calls meet, in one shape for all, so that reading it is quick. */
export class Callee {
  readonly route: Component["route"];
  readonly intercept: Component["intercept"];
  readonly admit: Component["admit"];
  readonly worked: Component["worked"];
  readonly answering: Component["answering"];
  readonly resumed: Component["resumed"];
  readonly callFailed: Component["callFailed"];
  readonly passesThrough: boolean;

  constructor(component: Component) {
    this.route = component.route.bind(component);
    this.intercept = component.intercept?.bind(component);
    this.admit = component.admit?.bind(component);
    this.worked = component.worked?.bind(component);
    this.answering = component.answering?.bind(component);
    this.resumed = component.resumed?.bind(component);
    this.callFailed = component.callFailed?.bind(component);
    this.passesThrough = component.passesThrough === true;
  }
}
